import { BOOKS, PLANTS } from "../pages/products.ts";
import { verifiedBody } from "./signature.ts";

/** Milliseconds: about as fast as a language model writes. */
const WORD_MS = 45;

const plants = PLANTS.map(({ name, kind, price }) => `${name} (${kind.toLowerCase()}, ${price})`).join(", ");
const books = BOOKS.map(({ name, kind }) => `${name} by ${kind}`).join(", ");

/** What it knows, by what it is asked; the first that fits. */
const KNOWN: [about: RegExp, answer: string][] = [
  [
    /\b(water|dry|brown|yellow|leaf|leaves|light|sun(?!day))/i,
    "Most of our plants like bright light without direct sun, and water once the top of the soil is dry. Ferns are the exception: they never want to dry out. Brown tips mean that the air is too dry, yellow leaves that there was too much water.",
  ],
  [/\b(book|read|novel)/i, `We have ${books}. Which one may it be?`],
  [/\b(fern|plant|monstera|pilea|buy|green|gift)/i, `We have ${plants}. All of them ship in two days.`],
  [
    /\b(order|deliver|ship|parcel|track)/i,
    "You find your orders with their status in the tab beside this one.",
  ],
];
const OTHERWISE =
  "I am Moss, the shop's assistant. I know our plants and books and what they need. If you would rather talk to a person, say so and I fetch one.";
const PERSON = /\b(human|person|people|somebody|someone|staff|operator|colleague)/i;

/** Serves the shop's assistant: it answers word by word, and fetches a person for whoever asks for one. */
export function createBot(secret: string): (request: Request) => Promise<Response> {
  return async (request) => {
    const { data } = await verifiedBody(request, secret) as { data: { message: { text: string } } };
    const { text } = data.message;
    if (PERSON.test(text)) {
      return Response.json({ body: "Of course. I have asked my colleagues to come.", needsHuman: true });
    }
    const [, answer] = KNOWN.find(([about]) => about.test(text)) ?? ["", OTHERWISE];
    return new Response(written(answer), { headers: { "content-type": "text/event-stream" } });
  };
}

function written(answer: string): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const words = answer.split(/(?<= )/);
  return new ReadableStream({
    async pull(controller) {
      const delta = words.shift();
      if (delta === undefined) return controller.close();
      await new Promise((resolve) => setTimeout(resolve, WORD_MS));
      controller.enqueue(encoder.encode(`data: ${JSON.stringify({ delta })}\n\n`));
    },
  });
}
