import { html } from "./html.ts";
import { page } from "./layout.ts";

/** The inbox of the shop's staff: an empty frame that operator.js fills. */
export function operatorPage(): string {
  return page({
    title: "Inbox · Fern & Fable",
    styles: "operator",
    head: html`<script src="/static/operator.js" type="module"></script>`,
    body: html`
      <header class="bar">
        <a class="brand" href="/"><img src="/static/logo.svg" alt="" width="28" height="28">Fern &amp; Fable</a>
        <h1 class="place">Inbox</h1>
        <a class="quiet" href="/" target="_blank">Open the shop</a>
      </header>
      <main class="inbox">
        <nav class="conversations" aria-label="Conversations">
          <ul id="conversations"></ul>
        </nav>
        <section class="thread" aria-label="Conversation" id="thread" hidden>
          <div class="about">
            <button class="quiet back" id="back">Back</button>
            <div>
              <h2 id="subject"></h2>
              <p id="visitor"></p>
            </div>
            <button class="quiet" id="status"></button>
          </div>
          <div id="messages" role="log" tabindex="0" aria-label="Messages"></div>
          <form id="composer">
            <label for="reply">Reply</label>
            <textarea id="reply" name="reply" rows="3" placeholder="Write a reply…" required></textarea>
            <button class="button">Send</button>
            <output id="published"></output>
          </form>
        </section>
        <p class="nothing" id="nothing">Pick a conversation.</p>
      </main>
    `,
  });
}
