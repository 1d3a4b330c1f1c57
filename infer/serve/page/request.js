// The request of the page as programs would send it.

const shell = (text) => "'" + text.replaceAll("'", "'\\''") + "'";
const quoted = JSON.stringify; // is a string of Python and of Go, too

// program writes a request for a picture in a language. The first model needs no name.
export function program(language, { origin, endpoint, model, first, file, type, token }) {
  const other = model && model !== first;
  switch (language) {
    case "boto3":
      return [
        ...(token ? ["# This server asks for its token, which boto3 does not send; --verify-sigv4 accepts its signatures instead."] : []),
        "import boto3",
        "",
        'runtime = boto3.client("sagemaker-runtime", region_name="us-east-1",',
        `    endpoint_url=${quoted(origin)},`,
        '    aws_access_key_id="local", aws_secret_access_key="local")',
        `with open(${quoted(file)}, "rb") as picture:`,
        `    answer = runtime.invoke_endpoint(EndpointName=${quoted(endpoint)},`,
        `        ContentType=${quoted(type)}, Body=picture.read()${other ? `, TargetModel=${quoted(model)}` : ""})`,
        'print(answer["Body"].read().decode())',
      ].join("\n");
    case "go":
      return [
        "// In a function with a ctx; packages os, fmt, aws-sdk-go-v2/aws, .../credentials, .../service/sagemakerruntime.",
        ...(token ? ["// This server asks for its token, which the SDK does not send; --verify-sigv4 accepts its signatures instead."] : []),
        "client := sagemakerruntime.New(sagemakerruntime.Options{",
        '\tRegion:       "us-east-1",',
        `\tBaseEndpoint: aws.String(${quoted(origin)}),`,
        '\tCredentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),',
        "})",
        `picture, err := os.ReadFile(${quoted(file)})`,
        "if err != nil {",
        "\treturn err",
        "}",
        "answer, err := client.InvokeEndpoint(ctx, &sagemakerruntime.InvokeEndpointInput{",
        `\tEndpointName: aws.String(${quoted(endpoint)}),`,
        `\tContentType:  aws.String(${quoted(type)}),`,
        ...(other ? [`\tTargetModel:  aws.String(${quoted(model)}),`] : []),
        "\tBody:         picture,",
        "})",
        "if err != nil {",
        "\treturn err",
        "}",
        "fmt.Println(string(answer.Body))",
      ].join("\n");
  }
  const path = other ? `/models/${encodeURIComponent(model)}/invoke` : "/invocations";
  return [
    `curl --data-binary ${shell("@" + file)}`,
    `-H ${shell("Content-Type: " + type)}`,
    ...(token ? ['-H "Authorization: Bearer $TOKEN"'] : []),
    shell(origin + path),
  ].join(" \\\n  ");
}
