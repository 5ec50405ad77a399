/* Questions to the program. A failure is an ApiError whose message is a sentence for people. */
import { answered, notAnswered } from "./state/contact.js";

const timeoutMs = 20000;

export class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status; /* 0: no answer at all */
  }
}

async function readJson(response) {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

/* Parameters that are null are left out. An abort by `signal` throws its AbortError. */
export async function get(path, parameters = {}, signal = undefined) {
  const given = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined);
  const query = new URLSearchParams(given).toString();
  return ask(query ? `${path}?${query}` : path, {}, signal);
}

/* Has the program begin something. */
export async function post(path) {
  return ask(path, { method: "POST" });
}

async function ask(path, options, signal = undefined) {
  const timeout = AbortSignal.timeout(timeoutMs);
  let response;
  let body;
  try {
    response = await fetch(path, {
      ...options,
      headers: { Accept: "application/json" },
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    answered();
    body = await readJson(response);
  } catch (error) {
    if (signal?.aborted) {
      throw error;
    }
    if (!timeout.aborted) {
      notAnswered();
    }
    throw new ApiError(
      timeout.aborted ? "the program took too long to answer" : "the program does not answer",
      0,
    );
  }
  if (!response.ok) {
    throw new ApiError(body?.error ?? `the program answered with HTTP ${response.status}`, response.status);
  }
  if (body === null) {
    throw new ApiError("the program's answer is not JSON", response.status);
  }
  return body;
}
