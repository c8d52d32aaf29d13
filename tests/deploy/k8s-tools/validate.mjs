// SPDX-License-Identifier: MIT
// Holds manifests (a JSON list on stdin) against Kubernetes' schemas: writes a JSON list of [index, problem].
//
// kubernetes-models brings a validator for each kind, generated from Kubernetes' OpenAPI. It passes over fields that it does not know,
// though a misspelt field is the commonest mistake. A validator asks an object for each field of its schema by name, and enumerates
// it where any name is fine, as of labels. So it gets objects that note what they are asked: a field that nobody asked for does not exist.
import { readFileSync } from "node:fs";

const PACKAGES = { "monitoring.coreos.com": "@kubernetes-models/prometheus-operator" };

function watched(value, path, seen) {
  if (value === null || typeof value !== "object") return value;
  const children = new Map();
  const child = (key) => {
    if (!children.has(key)) children.set(key, watched(value[key], `${path}/${String(key)}`, seen));
    return children.get(key);
  };
  const note = { path, value, asked: new Set(), isMap: Array.isArray(value) };
  seen.push(note);
  return new Proxy(value, {
    get: (_, key) => {
      note.asked.add(key);
      return Object.hasOwn(value, key) && key !== "length" ? child(key) : value[key];
    },
    ownKeys: () => {
      note.isMap = true;
      return Reflect.ownKeys(value);
    },
  });
}

function unknownFields({ path, value, asked, isMap }) {
  if (isMap || asked.size === 0) return []; // a schema that takes anything does not look inside
  return Object.keys(value).filter((key) => !asked.has(key)).map((key) => `${path}/${key} is no field of its schema`);
}

async function problems(manifest) {
  const { apiVersion, kind } = manifest;
  const group = apiVersion.split("/")[0];
  const models = await import(`${PACKAGES[group] ?? "kubernetes-models"}/${apiVersion}`).catch(() => ({}));
  if (!models[kind]) return [`Kubernetes has no ${kind} in ${apiVersion}`];
  const seen = [];
  const found = [];
  try {
    models[kind].prototype.validate.call(watched(manifest, "", seen));
  } catch (error) {
    if (!error.errors) throw error;
    found.push(...error.errors.map((one) => `${one.instancePath} ${one.message}`));
  }
  return [...found, ...seen.flatMap(unknownFields)];
}

const manifests = JSON.parse(readFileSync(0, "utf8"));
const all = await Promise.all(manifests.map(problems));
console.log(JSON.stringify(all.flatMap((found, index) => found.map((problem) => [index, problem]))));
