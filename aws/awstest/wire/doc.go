// Package wire translates between the protocols of AWS's services and the input and output types of its SDK, from the service's side.
//
// Requests become a tree of maps, lists and scalars ([ParseJSON], [ParseQuery], [ParseCBOR]), and [Decode] fills an input of the SDK from a
// tree. [Encode] makes a tree of an output; [WriteJSON], [WriteQuery] and [WriteCBOR] send it, [Protocol.Fail] sends an [Error].
//
// It knows the SDK's types by reflection alone, so that nothing here follows what the SDK's own serializers do.
package wire
