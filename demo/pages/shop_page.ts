import type { Config } from "../config.ts";
import { createUserToken, type Shopper } from "../heddle/user_token.ts";
import { type Html, html } from "./html.ts";
import { page } from "./layout.ts";
import { BOOKS, PLANTS, type Product } from "./products.ts";

/** The shop's front page, with Heddle's script tag. */
export async function shopPage(config: Config, shopper: Shopper | null): Promise<string> {
  return page({
    title: "Fern & Fable: plants and books",
    styles: "shop",
    head: await chat(config, shopper),
    body: html`
      <header class="bar">
        <a class="brand" href="/"><img src="/static/logo.svg" alt="" width="32" height="32">Fern &amp; Fable</a>
        ${account(shopper)}
        <nav class="sections" aria-label="Sections">
          <a href="#plants">Plants</a>
          <a href="#books">Books</a>
          <a href="#visit">Visit us</a>
        </nav>
      </header>
      <main>
        <section class="hero">
          <div class="words">
            <p class="kicker">Plants and books since 2009</p>
            <h1>Something to water,<br>something to read.</h1>
            <p class="lead">A small shop for people who like their rooms green and their evenings quiet.</p>
            <p><a class="button" href="#plants">See what is growing</a></p>
          </div>
          <img class="scene" src="/static/scene.svg" alt="A window sill with ferns and a pile of books" width="640" height="520">
        </section>
        ${shelf("plants", "Plants", "Raised here, not shipped half asleep", PLANTS)}
        ${shelf("books", "Books", "To read beside them", BOOKS)}
        <section class="visit" id="visit">
          <div>
            <h2>Questions about a brown leaf?</h2>
            <p>Write to us with the button in the corner${shopper
              ? ""
              : ", signed in or not"}. Mira answers, usually between two customers and a cup of tea.</p>
          </div>
          <address>12 Weaver’s Lane<br>Tuesday to Saturday, 10 to 18</address>
        </section>
      </main>
      <footer>
        <p>Fern &amp; Fable is a made-up shop that shows how Heddle works. <a href="/operator">Open the shop’s own inbox</a></p>
      </footer>
    `,
  });
}

/** Heddle's script tag, and for signed-in shoppers the shop's own script that renews the token. */
async function chat(config: Config, shopper: Shopper | null): Promise<Html> {
  const { apiUrl, agentId } = config.heddle;
  const src = `${apiUrl}/storage/v1/object/public/heddle/heddle.js`;
  // Without a token Heddle takes the visitor for an anonymous one.
  if (!shopper) {
    return html`<script async src="${src}" data-agent="${agentId}" data-accent="#2f6f4f"></script>`;
  }
  const userToken = await createUserToken(config, shopper);
  return html`
    <script async src="${src}" data-agent="${agentId}" data-user-token="${userToken}"
      data-accent="#2f6f4f" data-sign-in-url="/sign-in"></script>
    <script src="/static/shop.js" defer></script>
  `;
}

function account(shopper: Shopper | null): Html {
  if (!shopper) return html`<div class="account"><a class="quiet" href="/sign-in">Sign in</a></div>`;
  const [firstName] = shopper.name.split(" ");
  return html`
    <form class="account" method="post" action="/sign-out" data-sign-out>
      <span class="who"><span>Signed in as</span> <b>${firstName}</b></span>
      <button class="quiet" name="then" value="/sign-in">Switch</button>
      <button class="quiet" name="then" value="/">Log out</button>
    </form>
  `;
}

function shelf(id: string, title: string, subtitle: string, products: Product[]): Html {
  return html`
    <section class="shelf" id="${id}">
      <div class="heading">
        <h2>${title}</h2>
        <p>${subtitle}</p>
      </div>
      <ul>${products.map(card)}</ul>
    </section>
  `;
}

function card({ name, kind, price, picture }: Product): Html {
  return html`
    <li>
      <img src="/static/${picture}.svg" alt="" width="240" height="260" loading="lazy">
      <h3>${name}</h3>
      <p class="kind">${kind}</p>
      <p class="price">${price}</p>
    </li>
  `;
}
