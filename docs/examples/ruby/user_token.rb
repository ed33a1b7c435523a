require "json"
require "openssl"

module Heddle
  # A token for the signed-in user. Only on the server: whoever has the secret can pose as anybody.
  #
  # user: a hash with :id, and :name and :email if there are any
  def self.user_token(user, signing_secret)
    now = Time.now.to_i
    claims = { sub: user[:id].to_s, name: user[:name], email: user[:email], iat: now, exp: now + 600 }.compact
    content = [{ alg: "HS256", typ: "JWT" }, claims].map { |part| base64url(JSON.generate(part)) }.join(".")
    "#{content}.#{base64url(OpenSSL::HMAC.digest("SHA256", signing_secret, content))}"
  end

  def self.base64url(data)
    [data].pack("m0").tr("+/", "-_").delete("=")
  end
  private_class_method :base64url
end
