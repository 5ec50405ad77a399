/* A card for each member: what it owns, and what troubles it. */
import { byId, h } from "../dom.js";
import * as format from "../format.js";
import { swatch } from "./partitions.js";

function words({ consumed, written }) {
  return format.known(consumed) ? `${format.count(consumed)} consumed, ${format.count(written)} written` : "";
}

/* "p0, p1", with the topic before it where there are several. */
function chip(topic, partitions, several) {
  const numbers = partitions.map((partition) => `p${partition}`).join(", ");
  return h("span", { class: "chip" }, several ? h("span", { class: "muted" }, `${topic} `) : null, numbers);
}

/* What a member owns, a chip for each topic. */
function chips(member, streams) {
  const found = streams.flatMap(({ topic, members }) => {
    const same = (members ?? []).find(({ client_id }) => client_id === member.client_id);
    const partitions = same?.partitions ?? [];
    return partitions.length > 0 ? [chip(topic, partitions, streams.length > 1)] : [];
  });
  return found.length > 0 ? found : [h("span", { class: "muted" }, "no partition")];
}

export function showMembers(status, names) {
  const cards = status.members.map((member) =>
    h(
      "div",
      { class: "member", "data-member": member.client_id },
      h(
        "div",
        { class: "member-head" },
        swatch(member.client_id, names),
        h("span", { class: "muted num" }, words(member)),
      ),
      h("div", { class: "chips" }, chips(member, status.streams)),
      member.trouble ? h("div", { class: "trouble" }, `⚠ ${member.trouble}`) : null,
    ),
  );
  const none = status.members_unknown
    ? `Members unknown: ${status.members_unknown}`
    : "No member has joined yet.";
  byId("members").replaceChildren(...(cards.length > 0 ? cards : [h("p", { class: "empty" }, none)]));
}
