import type { Shopper } from "../heddle/user_token.ts";
import { html } from "./html.ts";
import { page } from "./layout.ts";

/** A sign-in without passwords: one picks who one is. */
export function signInPage(shoppers: Shopper[]): string {
  return page({
    title: "Sign in · Fern & Fable",
    styles: "shop",
    body: html`
      <main class="sign-in">
        <img src="/static/logo.svg" alt="" width="56" height="56">
        <h1>Who is shopping?</h1>
        <form method="post" action="/sign-in">
          ${shoppers.map(({ id, name, email }) =>
            html`
              <button name="shopper" value="${id}"><b>${name}</b><span>${email}</span></button>
            `
          )}
        </form>
        <p><a href="/">Back to the shop</a></p>
      </main>
    `,
  });
}
