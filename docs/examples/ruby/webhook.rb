require "json"
require "openssl"

module Heddle
  READS = %w[get_items item_clicked].freeze
  MAX_AGE = 5 * 60 # seconds
  CLOCK_TOLERANCE = 60 # seconds

  # Why a request can't be trusted to come from Heddle.
  class NotHeddle < StandardError; end

  # What Heddle asks for: a hash with "action", "tabId", "endUser", and "itemId" and the rest where there is one.
  # Raises NotHeddle, and JSON::ParserError for a body that can't be read.
  #
  # headers: a hash with names in lower case
  # body: the raw bytes, before any parser
  # secret: "whsec_…"
  def self.verified_call(method, headers, body, agent_id, secret)
    raise ArgumentError, "the webhook secret begins with whsec_" unless secret.match?(/\Awhsec_./)

    if method == "POST"
      verify_signature(headers, body, secret)
      return JSON.parse(body)
    end
    # The second one is there while the secret is rotated, and signed with the old one.
    tokens = headers.values_at("x-heddle-identity", "x-heddle-identity-previous").compact
    call = tokens.filter_map { |token| claims(token, secret) }.first
    raise NotHeddle, "no x-heddle-identity is signed with the webhook secret" unless call
    raise NotHeddle, "x-heddle-identity is another agent's" unless call.values_at("iss", "aud") == ["heddle", agent_id]
    raise NotHeddle, "x-heddle-identity has expired" if call["exp"] + CLOCK_TOLERANCE < Time.now.to_i
    raise NotHeddle, "x-heddle-identity is that of a write" unless READS.include?(call["action"])

    call.merge("endUser" => { "id" => call["sub"], "email" => call["email"], "name" => call["name"] })
  end

  # The claims, if HS256 with the secret's text as it is signs them; whatever the token's header says.
  def self.claims(token, secret)
    content, _, given = token.rpartition(".")
    expected = [OpenSSL::HMAC.digest("SHA256", secret, content)].pack("m0").tr("+/", "-_").delete("=")
    JSON.parse(content.split(".")[1].tr("-_", "+/").unpack1("m")) if OpenSSL.secure_compare(given, expected)
  end

  # Standard Webhooks: the key is what follows whsec_, base64-decoded.
  def self.verify_signature(headers, body, secret)
    id, timestamp, signatures = headers.values_at("webhook-id", "webhook-timestamp", "webhook-signature")
    key = secret.delete_prefix("whsec_").unpack1("m")
    expected = "v1,#{[OpenSSL::HMAC.digest("SHA256", key, "#{id}.#{timestamp}.".b + body.b)].pack("m0")}"
    # While the secret is rotated there are two signatures, separated by a space. One has to match.
    matches = signatures.to_s.split(" ").any? { |given| OpenSSL.secure_compare(given, expected) }
    raise NotHeddle, "no webhook-signature matches" unless matches
    raise NotHeddle, "webhook-timestamp is more than five minutes off" if (Time.now.to_i - timestamp.to_i).abs > MAX_AGE
  end
  private_class_method :claims, :verify_signature
end
