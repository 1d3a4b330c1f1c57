package serve

// inferenceRoutes are the Open Inference Protocol's.
func (s *Server) inferenceRoutes() []route { return nil }
