// The loop that asks Lambda for events. Smaller than the one that AWS runs Node handlers in, so it favours Node.

import http from "node:http";
import { handler } from "./handler.js";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true });
const root = "/2018-06-01/runtime/invocation/";

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, method, path: root + path, agent }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(chunks).toString("utf8") }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

async function main() {
  for (;;) {
    const next = await call("GET", "next");
    const id = next.headers["lambda-runtime-aws-request-id"];
    try {
      await call("POST", `${id}/response`, JSON.stringify(await handler(JSON.parse(next.body))));
    } catch (error) {
      await call("POST", `${id}/error`, JSON.stringify({ errorType: error.name, errorMessage: error.message }));
    }
  }
}

main();
