/** A stored message: `payload` as JSON text, or `binary_payload`. */
export interface MessageRow {
  id: string;
  topic: string;
  event: string;
  private: boolean;
  payload: string | null;
  binary_payload: Uint8Array<ArrayBuffer> | null;
}
