// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { readConfig } from "../../../../widget/loader/config.ts";

function scriptWith(attributes: Record<string, string>): HTMLScriptElement {
  const script = document.createElement("script");
  for (const [name, value] of Object.entries(attributes)) script.setAttribute(name, value);
  return script;
}

const SRC = "https://project.example/storage/v1/object/public/heddle/heddle.js";

describe("the script tag's options", () => {
  it("are nothing without an agent", () => {
    expect(readConfig(scriptWith({ src: SRC }))).toBeNull();
  });

  it("take the API to be where the script came from", () => {
    expect(readConfig(scriptWith({ src: SRC, "data-agent": "a" }))?.apiOrigin).toBe(
      "https://project.example",
    );
  });

  it("take an agent's id in capitals, as some tools copy it", () => {
    expect(readConfig(scriptWith({ src: SRC, "data-agent": "A0B1-C" }))?.agentId).toBe("a0b1-c");
  });

  it("can name another API", () => {
    const script = scriptWith({ src: SRC, "data-agent": "a", "data-api": "https://api.example/" });
    expect(readConfig(script)?.apiOrigin).toBe("https://api.example");
  });

  it("read every data attribute", () => {
    const script = scriptWith({
      src: SRC,
      "data-agent": "a",
      "data-user-token": "token",
      "data-theme": "dark",
      "data-locale": "de",
      "data-position": "left",
      "data-z-index": "5",
      "data-accent": "#abc",
      "data-launcher": "Ask us",
    });
    expect(readConfig(script)).toEqual({
      agentId: "a",
      apiOrigin: "https://project.example",
      userToken: "token",
      theme: "dark",
      locale: "de",
      position: "left",
      zIndex: "5",
      accent: "#abc",
      launcher: "Ask us",
    });
  });
});
