import { expect, it } from "vitest";
import { decoded } from "../../../../supabase/functions/_shared/mail/html_entities.ts";

it.each([
  ["Gr&uuml;&szlig;e, &Uuml;ber", "Grüße, Über"],
  ["caf&eacute; &ndash; &euro;&nbsp;5&hellip;", "café – € 5…"],
  ["don&rsquo;t &LDQUO; &frac12; &sup2;", "don’t “ ½ ²"],
  ["&#8217;&#x2019;&#146;", "’’’"],
  ["&lt;b&gt; &amp;amp; &quot;&apos;", "<b> &amp; \"'"],
  ["&nothing; &#0; AT&T &copy", "&nothing;  AT&T &copy"],
])("what HTML writes by name or number is read: %s", (html, text) => {
  expect(decoded(html)).toBe(text);
});
