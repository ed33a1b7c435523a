export interface Product {
  name: string;
  kind: string;
  price: string;
  picture: string;
}

export const PLANTS: Product[] = [
  { name: "Boston fern", kind: "Likes mist and half shade", price: "€ 24.90", picture: "fern" },
  { name: "Monstera deliciosa", kind: "Grows with you", price: "€ 39.00", picture: "monstera" },
  { name: "Pilea", kind: "The friendship plant", price: "€ 14.50", picture: "pilea" },
  { name: "Snake plant", kind: "Forgives everything", price: "€ 21.00", picture: "sansevieria" },
];

export const BOOKS: Product[] = [
  { name: "The Patient Garden", kind: "Ines Maro", price: "€ 18.90", picture: "garden" },
  { name: "Letters from a Greenhouse", kind: "T. Halloran", price: "€ 16.50", picture: "greenhouse" },
  { name: "Moss and Other Small Wonders", kind: "Wen Liu", price: "€ 15.00", picture: "moss" },
  { name: "The Orchard at Night", kind: "Noor Abadi", price: "€ 16.00", picture: "orchard" },
];
