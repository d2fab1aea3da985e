// SPDX-License-Identifier: MIT
//
// The one script of the site: a theme that is remembered, a search over
// /index.json, copy buttons, and a line in the footer that tells how the page
// came over the wire.
(() => {
  "use strict";

  const root = document.documentElement;

  // Storage may be refused; the page then forgets, and works.
  const remembered = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null;
    }
  };
  const remember = (theme) => {
    try {
      localStorage.setItem("theme", theme);
    } catch {
      // Nothing to do.
    }
  };

  // This much runs before anything is painted.
  const saved = remembered();
  if (saved === "light" || saved === "dark") {
    root.dataset.theme = saved;
  }

  const setUpTheme = () => {
    const button = document.querySelector("[data-theme-toggle]");
    const system = matchMedia("(prefers-color-scheme: dark)");
    const isDark = () =>
      root.dataset.theme ? root.dataset.theme === "dark" : system.matches;
    const show = () => button.setAttribute("aria-pressed", String(isDark()));
    button.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      remember(root.dataset.theme);
      show();
    });
    system.addEventListener("change", show);
    show();
    button.hidden = false;
  };

  const setUpCopying = () => {
    if (!navigator.clipboard) {
      return;
    }
    for (const block of document.querySelectorAll("[data-code]")) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "Copy";
      button.addEventListener("click", async () => {
        try {
          await navigator.clipboard.writeText(
            block.querySelector("pre").textContent,
          );
          button.textContent = "Copied";
        } catch {
          button.textContent = "Not allowed";
        }
        setTimeout(() => {
          button.textContent = "Copy";
        }, 2000);
      });
      block.querySelector(".code-head").append(button);
    }
  };

  // Lower case, and accents off, so that "cafe" finds "café".
  const fold = (text) =>
    text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  // Every word must occur somewhere; where it does decides the order.
  const score = (post, words) => {
    let total = 0;
    for (const word of words) {
      let best = 0;
      if (post.folded.text.includes(word)) best = 1;
      if (post.folded.description.includes(word)) best = 3;
      if (post.folded.tags.includes(word)) best = 5;
      if (post.folded.title.includes(word)) best = 8;
      if (best === 0) return 0;
      total += best;
    }
    return total;
  };

  // The text with each of the words in a <mark>. Folding may change a
  // string's length, and then nothing is marked.
  const marked = (text, words) => {
    const out = document.createDocumentFragment();
    const low = fold(text);
    let at = 0;
    while (low.length === text.length) {
      let next = -1;
      let size = 0;
      for (const word of words) {
        const found = low.indexOf(word, at);
        if (found >= 0 && (next < 0 || found < next)) {
          next = found;
          size = word.length;
        }
      }
      if (next < 0) break;
      const mark = document.createElement("mark");
      mark.textContent = text.slice(next, next + size);
      out.append(text.slice(at, next), mark);
      at = next + size;
    }
    out.append(text.slice(at));
    return out;
  };

  const excerpt = (post, words) => {
    const first = Math.min(
      ...words.map((word) => post.folded.text.indexOf(word)).filter((i) => i >= 0),
    );
    if (!Number.isFinite(first)) {
      return post.description;
    }
    // From the start of a word to the end of one.
    const start = first < 60 ? 0 : post.text.indexOf(" ", first - 60) + 1;
    const space = post.text.indexOf(" ", start + 180);
    const end = space < 0 ? post.text.length : space;
    return (
      (start > 0 ? "…" : "") +
      post.text.slice(start, end) +
      (end < post.text.length ? "…" : "")
    );
  };

  const setUpSearch = () => {
    const form = document.querySelector("[data-search]");
    if (!form) {
      return;
    }
    const input = form.elements.q;
    const status = document.querySelector("[data-search-status]");
    const results = document.querySelector("[data-search-results]");
    let index;

    const load = () => {
      index ??= fetch(form.dataset.index)
        .then((answer) => {
          if (!answer.ok) throw new Error(String(answer.status));
          return answer.json();
        })
        .then((posts) =>
          posts.map((post) => ({
            ...post,
            folded: {
              title: fold(post.title),
              description: fold(post.description),
              tags: fold(post.tags.join(" ")),
              text: fold(post.text),
            },
          })),
        );
      return index;
    };

    const item = (post, words) => {
      const li = document.createElement("li");
      const link = document.createElement("a");
      link.href = post.url;
      link.append(marked(post.title, words));
      const text = document.createElement("p");
      text.append(marked(excerpt(post, words), words));
      li.append(link, text);
      return li;
    };

    const search = async () => {
      const query = input.value.trim();
      const words = fold(query).split(/\s+/).filter(Boolean);
      if (words.length === 0) {
        results.replaceChildren();
        status.textContent = "";
        return;
      }
      let posts;
      try {
        posts = await load();
      } catch {
        index = undefined;
        status.textContent =
          "The search index did not arrive. Check the connection and try again.";
        return;
      }
      if (input.value.trim() !== query) {
        return;
      }
      const found = posts
        .map((post) => ({ post, points: score(post, words) }))
        .filter(({ points }) => points > 0)
        .sort(
          (a, b) =>
            b.points - a.points || b.post.date.localeCompare(a.post.date),
        );
      results.replaceChildren(...found.map(({ post }) => item(post, words)));
      status.textContent =
        found.length === 0
          ? `No post has “${query}”. Try fewer or shorter words.`
          : `${found.length} ${found.length === 1 ? "post" : "posts"} for “${query}”`;
    };

    const address = () => {
      const query = input.value.trim();
      const url = new URL(location.href);
      url.search = query ? new URLSearchParams({ q: query }) : "";
      history.replaceState(null, "", url);
    };

    input.addEventListener("input", () => {
      address();
      search();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      address();
      search();
    });
    input.value = new URLSearchParams(location.search).get("q") ?? "";
    search();
  };

  const size = (bytes) =>
    bytes < 1000 ? `${bytes} bytes` : `${(bytes / 1000).toFixed(1)} kB`;

  const showWire = () => {
    const [page] = performance.getEntriesByType("navigation");
    const line = document.querySelector("[data-wire]");
    if (!page || !page.decodedBodySize) {
      return;
    }
    const { transferSize, encodedBodySize, decodedBodySize } = page;
    const protocol = page.nextHopProtocol || "HTTP";
    let text;
    if (transferSize === 0) {
      text = "This page came out of your browser's cache; nothing was sent.";
    } else if (transferSize < encodedBodySize) {
      text = `This page was revalidated over ${protocol}: your copy was still good, and only a 304 was sent.`;
    } else if (encodedBodySize < decodedBodySize) {
      const saved = Math.round(100 * (1 - encodedBodySize / decodedBodySize));
      text = `This page came over ${protocol} as ${size(encodedBodySize)} of ${size(decodedBodySize)}: compression saved ${saved}%.`;
    } else {
      text = `This page came over ${protocol} as ${size(decodedBodySize)}, not compressed.`;
    }
    line.textContent = text;
    line.hidden = false;
  };

  document.addEventListener("DOMContentLoaded", () => {
    setUpTheme();
    setUpCopying();
    setUpSearch();
  });
  window.addEventListener("load", () => setTimeout(showWire));
})();
