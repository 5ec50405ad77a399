/* Who the data is from: the words that services want beside their data, with a link. */
import { h } from "./dom.js";

export function externalLink(url, attributes, ...children) {
  return h("a", { href: url, rel: "noopener noreferrer nofollow", target: "_blank", ...attributes }, ...children);
}

/* Fills the box with the words of each provider; hides it when there are none. */
export function showProviders(box, providers) {
  const shown = providers.map(({ service }) => service).join();
  if (box.dataset.shown === shown) {
    return;
  }
  box.dataset.shown = shown;
  box.hidden = providers.length === 0;
  box.replaceChildren(
    ...providers.map(({ service, link, words }) =>
      externalLink(link, { class: "provider", "data-service": service }, words),
    ),
  );
}
