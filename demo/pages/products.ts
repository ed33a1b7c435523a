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
  { name: "The Overstory", kind: "Richard Powers", price: "€ 18.90", picture: "overstory" },
  { name: "Braiding Sweetgrass", kind: "Robin Wall Kimmerer", price: "€ 16.50", picture: "sweetgrass" },
  { name: "Entangled Life", kind: "Merlin Sheldrake", price: "€ 15.00", picture: "entangled" },
  { name: "The Hidden Life of Trees", kind: "Peter Wohlleben", price: "€ 16.00", picture: "trees" },
];
