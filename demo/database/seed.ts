import type { TransactionSql } from "postgres";
import type { Shopper } from "../heddle/user_token.ts";

type Line = readonly [author: "visitor" | "operator", body: string];

const SHOPPERS: Shopper[] = [
  { id: "ada", name: "Ada Okafor", email: "ada@example.com" },
  { id: "ben", name: "Ben Lindqvist", email: "ben@example.com" },
];

const CONVERSATIONS: { id: string; visitorId: string; subject: string; daysAgo: number; lines: Line[] }[] = [
  {
    id: "repotting",
    visitorId: "ada",
    subject: "Repotting my monstera",
    daysAgo: 12,
    lines: [
      ["visitor", "Hello! My monstera has roots growing out of the bottom of its pot. Is it time?"],
      ["operator", "Hi Ada! That is its polite way of asking, yes. How big is the pot now?"],
      ["visitor", "17 cm across."],
      ["operator", "Then 21 cm is right. Two sizes up at most, or the soil stays wet for too long."],
      ["visitor", "And which soil?"],
      ["operator", "Something airy: our aroid mix, or potting soil with a third of bark and perlite."],
      ["visitor", "I have plain potting soil and a bag of orchid bark. Would that do?"],
      ["operator", "That does nicely. Two parts soil, one part bark."],
      ["visitor", "Should I cut the roots that stick out?"],
      ["operator", "No need. Loosen them with your fingers, and only cut what is brown and soft."],
      ["visitor", "There are a few long ones from the stem as well, in the air."],
      [
        "operator",
        "Those are aerial roots. Lead one or two into the soil, it will thank you with bigger leaves.",
      ],
      ["visitor", "How long until I water it again?"],
      ["operator", "Water it once after repotting, then wait until the top three centimetres are dry."],
      ["visitor", "Done! It looks a bit offended."],
      ["operator", "Give it a week away from direct sun. Sulking is normal."],
      ["visitor", "A week later: there is a new leaf!"],
      ["operator", "Wonderful news. Thank you for telling us!"],
    ],
  },
  {
    id: "book-club",
    visitorId: "ada",
    subject: "Next book club evening?",
    daysAgo: 4,
    lines: [
      ["visitor", "When is the next book club evening, and what are you reading?"],
      ["operator", "On the last Thursday of the month at seven. We read “The Patient Garden”, first half."],
    ],
  },
  {
    id: "gift-wrap",
    visitorId: "ben",
    subject: "Gift wrapping",
    daysAgo: 1,
    lines: [
      ["visitor", "Can you wrap “The Orchard at Night” as a gift and add a card?"],
      ["operator", "Gladly! What shall we write on the card?"],
    ],
  },
  {
    id: "drooping-fern",
    visitorId: "ada",
    subject: "My new fern is drooping",
    daysAgo: 0.02,
    lines: [
      ["visitor", "My Boston fern arrived yesterday, and its fronds hang today. Did I do something wrong?"],
      ["operator", "Not at all, the journey was dry for it. Stand the pot in water for twenty minutes."],
      ["operator", "And tell me tomorrow how it looks?"],
    ],
  },
];

const ORDERS = [
  order("FF-1021", "ada", 1, "packing", "Boston fern, plant mister", 3480),
  order("FF-1017", "ada", 6, "shipped", "The Patient Garden", 1890),
  order("FF-1009", "ada", 20, "delivered", "Aroid mix 10 l, terracotta pot 21 cm", 2750),
  order("FF-1004", "ada", 48, "delivered", "Monstera deliciosa", 3900),
  order("FF-0996", "ada", 80, "delivered", "Moss and Other Small Wonders, The Orchard at Night", 3100),
  order("FF-0981", "ada", 131, "cancelled", "Olive tree", 8900),
  order("FF-1019", "ben", 2, "packing", "Letters from a Greenhouse", 1650),
];

/** Two shoppers, with what they have written and bought so far. */
export async function seed(tx: TransactionSql): Promise<void> {
  await tx`insert into shoppers ${tx(SHOPPERS)}`;
  for (const { lines, daysAgo, ...conversation } of CONVERSATIONS) {
    const visitorName = SHOPPERS.find(({ id }) => id === conversation.visitorId)?.name ?? "Guest";
    await tx`
      insert into conversations (id, visitor_id, visitor_name, subject)
      values (${conversation.id}, ${conversation.visitorId}, ${visitorName}, ${conversation.subject})`;
    for (const [index, [author, body]] of lines.entries()) {
      const minutesAgo = daysAgo * 24 * 60 + (lines.length - index) * 4;
      const isRead = conversation.id !== "drooping-fern" || author === "visitor";
      await tx`
        insert into messages (conversation_id, author, body, created_at, read_at)
        values (${conversation.id}, ${author}, ${body}, now() - ${minutesAgo} * interval '1 minute',
          case when ${isRead} then now() end)`;
    }
  }
  for (const { daysAgo, ...columns } of ORDERS) {
    await tx`
      insert into orders (id, visitor_id, status, contents, total_cents, placed_at)
      values (${columns.id}, ${columns.visitorId}, ${columns.status}, ${columns.contents},
        ${columns.totalCents}, now() - ${daysAgo} * interval '1 day')`;
  }
}

function order(
  id: string,
  visitorId: string,
  daysAgo: number,
  status: string,
  contents: string,
  totalCents: number,
) {
  return { id, visitorId, daysAgo, status, contents, totalCents };
}
