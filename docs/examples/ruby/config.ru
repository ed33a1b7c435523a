require "json"
require "uri"
require_relative "webhook"

HEADERS = %w[webhook-id webhook-timestamp webhook-signature].freeze

# Your own tables stand here.
def items_of(end_user_id)
  [{ id: "1042", title: "Hello #{end_user_id}" }]
end

webhook = lambda do |env|
  method, path, query = env.values_at("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING")
  target = env["REQUEST_URI"] || "#{path}?#{query}"
  headers = HEADERS.to_h { |name| [name, env["HTTP_#{name.upcase.tr("-", "_")}"]] }
  body = env["rack.input"]&.read || ""

  problem = Heddle.signature_problem(method, target, headers, body, ENV.fetch("HEDDLE_WEBHOOK_SECRET"))
  status, answer =
    if problem
      [401, { message: problem }]
    else
      [200, items_of(URI.decode_www_form(query).to_h["endUserId"])]
    end
  [status, { "content-type" => "application/json" }, [JSON.generate(answer)]]
end

run webhook
