require "json"
require "time"
require "uri"
require_relative "webhook"

HEADERS = %w[webhook-id webhook-timestamp webhook-signature].freeze
THREADS = Hash.new { |threads, visitor| threads[visitor] = {} } # messages by clientId; your own tables stand here

# Status and answer. Each visitor has one conversation, whose id is the visitor's.
def answer_of(query, body)
  visitor, action = query.values_at("endUserId", "action")
  item = { id: visitor, title: "Hello #{visitor}" }
  return [200, { items: [item] }] if action == "get_items"
  return [404, { message: "There is no such conversation." }] unless query.fetch("itemId", visitor) == visitor
  return [200, { item: item, entries: THREADS[visitor].values }] if action == "item_clicked"
  return [400, { message: "There is no #{action} here." }] unless action == "create_item"

  id, text = JSON.parse(body).values_at("clientId", "body")
  written = { author: { role: "visitor" }, body: text, createdAt: Time.now.utc.iso8601 }
  entry = THREADS[visitor][id] ||= { id: id, clientId: id, **written } # sent again: the one that is there
  [200, { item: item, entry: entry }]
end

webhook = lambda do |env|
  method, path, query = env.values_at("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING")
  target = env["REQUEST_URI"] || "#{path}?#{query}"
  headers = HEADERS.to_h { |name| [name, env["HTTP_#{name.upcase.tr("-", "_")}"]] }
  body = env["rack.input"]&.read || ""

  problem = Heddle.signature_problem(method, target, headers, body, ENV.fetch("HEDDLE_WEBHOOK_SECRET"))
  status, answer = problem ? [401, { message: problem }] : answer_of(URI.decode_www_form(query).to_h, body)
  [status, { "content-type" => "application/json" }, [JSON.generate(answer)]]
end

run webhook
