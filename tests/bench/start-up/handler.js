// What submit-form does, in its simplest form and as one would write it for Node: parse the post, check it, store the
// lead in one transaction, send the browser on. It reads no bundle, and signs and renders nothing: any doubt favours it.

import { createHash, createHmac } from "node:crypto";
import { DynamoDBClient, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";

const dynamodb = new DynamoDBClient({});
const table = process.env.SILLON_TABLE;
const leadKey = process.env.SILLON_LEAD_KEY;
const thanks = "https://atelier-soleil.example/merci";

const checks = {
  email: (value) => /^[\x21-\x3f\x41-\x7e]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(value) || "is not an e-mail address",
  first_name: (value) => value.length <= 80 || "is longer than 80 characters",
  housing: (value) => ["house", "flat"].includes(value) || "is none of the options",
  surface: (value) => (Number(value) >= 1 && Number(value) <= 10000) || "is not from 1 to 10000",
  phone: (value) => /^\+?[0-9 .-]{6,20}$/.test(value) || "is not a telephone number",
};
const required = ["email", "housing"];

export async function handler(event) {
  const body = event.isBase64Encoded ? Buffer.from(event.body, "base64").toString("utf8") : (event.body ?? "");
  const form = new URLSearchParams(body);
  if (form.get("_gotcha")) return redirect();

  const traits = {};
  const faults = {};
  for (const [name, check] of Object.entries(checks)) {
    const value = (form.get(name) ?? "").trim();
    if (value === "") {
      if (required.includes(name)) faults[name] = "is missing";
      continue;
    }
    const verdict = check(value);
    if (verdict === true) traits[name] = value;
    else faults[name] = verdict;
  }
  if (Object.keys(faults).length > 0) {
    return { statusCode: 422, headers: { "content-type": "application/json" }, body: JSON.stringify({ faults }) };
  }

  const campaign = event.pathParameters.campaign;
  const email = traits.email.toLowerCase();
  const lead = createHmac("sha256", leadKey).update(email).digest("hex");
  const now = new Date().toISOString();
  const input = createHash("sha256").update(`${campaign}\n${body}\n${now.slice(0, 15)}`).digest("hex");
  await dynamodb.send(
    new TransactWriteItemsCommand({
      TransactItems: [
        put({
          PK: { S: `LEAD#${lead}` },
          SK: { S: "PROFILE" },
          version: { N: "1" },
          nudge: { BOOL: true },
          due_pk: { S: "DUE#4#0" },
          due_sk: { S: `${now}#${lead}` },
          state: { S: JSON.stringify({ email, traits, consent: "pending", enrolments: [{ campaign, state: "waiting" }] }) },
        }),
        put({
          PK: { S: `LEAD#${lead}` },
          SK: { S: `ACT#${input}` },
          version: { N: "1" },
          activities: { S: JSON.stringify([{ kind: "form_submitted", at: now, campaign, traits }]) },
        }),
        {
          ConditionCheck: {
            TableName: table,
            Key: { PK: { S: `SUPPRESSED#${lead}` }, SK: { S: "-" } },
            ConditionExpression: "attribute_not_exists(PK)",
          },
        },
      ],
    }),
  );
  return redirect();
}

function put(item) {
  return { Put: { TableName: table, Item: item, ConditionExpression: "attribute_not_exists(PK)" } };
}

function redirect() {
  return { statusCode: 303, headers: { location: thanks }, body: "" };
}
