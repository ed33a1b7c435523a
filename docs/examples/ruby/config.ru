require "json"
require "time"
require_relative "webhook"

THREADS = Hash.new { |threads, visitor| threads[visitor] = {} } # messages by clientId; your own tables stand here

# Status and answer. Each visitor has one conversation, whose id is the visitor's.
def answer_of(call)
  visitor, action, id = call["endUser"]["id"], *call.values_at("action", "clientId")
  item = { id: visitor, title: "Your messages" }
  return [200, { items: [item] }] if action == "get_items"
  return [404, { message: "There is no such conversation." }] unless call.fetch("itemId", visitor) == visitor
  return [200, { item: item, entries: THREADS[visitor].values }] if action == "item_clicked"
  return [400, { message: "There is no #{action} here." }] unless action == "create_item"

  written = { author: { role: "visitor" }, body: call["body"], createdAt: Time.now.utc.iso8601 }
  entry = THREADS[visitor][id] ||= { id: id, clientId: id, **written } # sent again: the one that is there
  [200, { item: item, entry: entry }]
end

webhook = lambda do |env|
  headers = env.filter_map { |name, value| [name[5..].tr("_", "-").downcase, value] if name.start_with?("HTTP_") }.to_h
  body = env["rack.input"]&.read || ""
  agent = ENV.values_at("HEDDLE_AGENT_ID", "HEDDLE_WEBHOOK_SECRET")
  status, answer = begin
    answer_of(Heddle.verified_call(env["REQUEST_METHOD"], headers, body, *agent))
  rescue Heddle::NotHeddle => problem
    [401, { message: problem.message }]
  rescue JSON::ParserError
    [400, { message: "The body must be JSON." }]
  end
  [status, { "content-type" => "application/json" }, [JSON.generate(answer)]]
end

run webhook
