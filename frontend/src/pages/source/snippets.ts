/** Lines to paste, for one source and token. Each agent's option names are its own. */

export interface Snippet {
  id: string;
  label: string;
  text: string;
}

interface Target {
  origin: string;
  source: string;
  token: string;
}

export function snippetsFor({ origin, source, token }: Target): Snippet[] {
  const path = `/api/v1/ingest/${encodeURIComponent(source)}`;
  const url = new URL(origin);
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return [
    {
      id: "curl",
      label: "curl",
      text: `# a file
curl --fail -H "Authorization: Bearer ${token}" \\
  --data-binary @app.log "${origin}${path}"

# whatever a command prints
my-app 2>&1 | curl --fail -H "Authorization: Bearer ${token}" \\
  --data-binary @- "${origin}${path}"`,
    },
    {
      id: "fluent-bit",
      label: "Fluent Bit",
      text: `[INPUT]
    Name          tail
    Path          /var/log/app/*.log

[OUTPUT]
    Name          http
    Match         *
    Host          ${url.hostname}
    Port          ${port}
    URI           ${path}
    Format        json_lines
    Header        Authorization Bearer ${token}
    # The default is one retry, after which lines are lost.
    Retry_Limit   no_limits`,
    },
    {
      id: "vector",
      label: "Vector",
      text: `sinks:
  logplatform:
    type: http
    inputs: ["app"]
    uri: "${origin}${path}"
    encoding:
      codec: text
    framing:
      method: newline_delimited
    compression: gzip
    request:
      headers:
        Authorization: "Bearer ${token}"`,
    },
    {
      id: "python",
      label: "Python",
      text: `import urllib.request

request = urllib.request.Request(
    "${origin}${path}",
    data=open("app.log", "rb").read(),
    headers={"Authorization": "Bearer ${token}"},
)
print(urllib.request.urlopen(request).read().decode())`,
    },
  ];
}
