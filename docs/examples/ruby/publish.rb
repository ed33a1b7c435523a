require "json"
require "net/http"

module Heddle
  ATTEMPTS = 3
  TIMEOUT = 10 # seconds
  LONGEST_WAIT = 30 # seconds

  class PublishError < StandardError; end

  # Makes the open widgets of a visitor fetch again. Raises PublishError with Heddle's reason, or what Net::HTTP raises
  # if Heddle can't be reached.
  #
  # url: "https://<project>.supabase.co"; api_key: "hdl_…"
  # change: a hash with endUserId, conversationId or endUserIds (an array), or several of them
  def self.publish(url, api_key, change)
    uri = URI("#{url}/functions/v1/realtime-publish")
    request = Net::HTTP::Post.new(uri, "x-api-key" => api_key, "content-type" => "application/json")
    request.body = JSON.generate(change)
    limits = { open_timeout: TIMEOUT, read_timeout: TIMEOUT, max_retries: 0 }

    (1..ATTEMPTS).each do |attempt|
      response = Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == "https", **limits) do |http|
        http.request(request)
      end
      answer = parse(response.body)
      return if response.code == "200" && answer["ok"]

      unless %w[429 503].include?(response.code) && attempt < ATTEMPTS
        code, message = answer.fetch("error", {}).values_at("code", "message")
        raise PublishError, "Heddle answered #{response.code} #{code}: #{message || "no reason given"}"
      end
      seconds = Integer(response["retry-after"], 10, exception: false) || 1
      sleep [seconds, LONGEST_WAIT].min
    end
  end

  def self.parse(body)
    JSON.parse(body)
  rescue JSON::ParserError
    {} # a proxy may answer HTML
  end
  private_class_method :parse
end
