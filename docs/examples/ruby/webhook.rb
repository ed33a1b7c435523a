require "openssl"

module Heddle
  MAX_AGE = 5 * 60 # seconds

  # Why a request can't be trusted to come from Heddle; nil if it can.
  #
  # target: path and query exactly as they were requested
  # headers: a hash with names in lower case
  # body: the raw bytes, before any parser; empty for GET
  # secret: "whsec_…"
  def self.signature_problem(method, target, headers, body, secret)
    raise ArgumentError, "the webhook secret begins with whsec_" unless secret.match?(/\Awhsec_./)

    id, timestamp, signatures = headers.values_at("webhook-id", "webhook-timestamp", "webhook-signature")
    return "a webhook-* header is missing" unless id && timestamp && signatures

    sent = Integer(timestamp, 10, exception: false)
    return "webhook-timestamp is more than five minutes off" unless sent && (Time.now.to_i - sent).abs <= MAX_AGE

    key = secret.delete_prefix("whsec_").unpack1("m")
    content = "#{id}.#{timestamp}.#{method} #{target}\n".b + body.b
    expected = "v1,#{[OpenSSL::HMAC.digest("SHA256", key, content)].pack("m0")}"
    # While a secret is being rotated there are two signatures, separated by a space. One has to match.
    matches = signatures.split(" ").any? { |given| OpenSSL.secure_compare(given, expected) }
    matches ? nil : "no webhook-signature matches"
  end
end
