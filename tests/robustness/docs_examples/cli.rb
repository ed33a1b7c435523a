require "json"
require_relative "../../../docs/examples/ruby/publish"
require_relative "../../../docs/examples/ruby/user_token"

task, first, second, third = ARGV
if task == "token"
  puts Heddle.user_token(JSON.parse(second, symbolize_names: true), first)
else
  Heddle.publish(first, second, JSON.parse(third))
end
