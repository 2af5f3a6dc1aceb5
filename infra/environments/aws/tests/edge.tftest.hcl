# The edge by itself: distribution, firewall, logs.

mock_provider "aws" {
  mock_resource "aws_wafv2_web_acl" {
    defaults = { arn = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/w/1" }
  }
  mock_resource "aws_cloudfront_distribution" {
    defaults = { arn = "arn:aws:cloudfront::123456789012:distribution/D" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:g" }
  }
  mock_resource "aws_cloudwatch_log_delivery_destination" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:delivery-destination:d" }
  }
}

variables {
  name            = "xx"
  domain          = "audit.example.com"
  certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/c"
  api_host        = "a.execute-api.eu-central-1.amazonaws.com"
  secret          = "0123456789abcdef0123456789abcdef"

  # Of the environment; unused by the module.
  region                  = "eu-central-1"
  zip_directory           = "tests/zips"
  deploy_role_arn         = "arn:aws:iam::123456789012:role/deploy"
  operator_principal_arns = ["arn:aws:iam::123456789012:role/on-call"]
  edge_secrets            = ["0123456789abcdef0123456789abcdef"]
}

run "edge" {
  module {
    source = "../../modules/edge"
  }

  assert {
    condition = alltrue([for origin in aws_cloudfront_distribution.this.origin : (
      origin.domain_name == var.api_host
      && [for header in origin.custom_header : "${header.name}: ${header.value}"] == ["x-audit-edge: 0123456789abcdef0123456789abcdef"]
      && origin.custom_origin_config[0].origin_protocol_policy == "https-only"
      && origin.custom_origin_config[0].origin_ssl_protocols == toset(["TLSv1.2"])
    )])
    error_message = "Each request to the API goes by TLS and shows the secret."
  }

  assert {
    condition = (
      aws_cloudfront_distribution.this.aliases == toset(["audit.example.com"])
      && aws_cloudfront_distribution.this.viewer_certificate[0].minimum_protocol_version == "TLSv1.2_2021"
      && aws_cloudfront_distribution.this.default_cache_behavior[0].viewer_protocol_policy == "https-only"
      && aws_cloudfront_distribution.this.default_cache_behavior[0].cache_policy_id == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
      && aws_cloudfront_distribution.this.default_cache_behavior[0].response_headers_policy_id == aws_cloudfront_response_headers_policy.this.id
      && aws_cloudfront_distribution.this.web_acl_id == aws_wafv2_web_acl.this.arn
    )
    error_message = "TLS alone, nothing cached, behind the firewall, with the security headers."
  }

  assert {
    condition = (
      aws_cloudfront_response_headers_policy.this.security_headers_config[0].strict_transport_security[0].access_control_max_age_sec == 63072000
      && aws_cloudfront_response_headers_policy.this.security_headers_config[0].strict_transport_security[0].include_subdomains
      && aws_cloudfront_response_headers_policy.this.security_headers_config[0].content_security_policy[0].content_security_policy == "default-src 'none'; frame-ancestors 'none'"
      && aws_cloudfront_response_headers_policy.this.security_headers_config[0].content_type_options[0].override
      && aws_cloudfront_response_headers_policy.this.security_headers_config[0].referrer_policy[0].referrer_policy == "no-referrer"
      && toset([for item in aws_cloudfront_response_headers_policy.this.custom_headers_config[0].items : item.header]) == toset([
        "cache-control", "cross-origin-opener-policy", "cross-origin-resource-policy", "permissions-policy",
      ])
    )
    error_message = "The headers are those of localstack/edge/security-headers.json."
  }

  # Every rule by name: its action, and of a group of AWS's whether it spares ingest.
  assert {
    condition = {
      for rule in aws_wafv2_web_acl.this.rule : rule.name => length(rule.action) > 0 ? "blocks" : jsonencode(
        [for down in rule.statement[0].managed_rule_group_statement[0].scope_down_statement : [
          for part in down.not_statement[0].statement[0].and_statement[0].statement :
          "${part.byte_match_statement[0].positional_constraint} ${part.byte_match_statement[0].search_string} of ${length(part.byte_match_statement[0].field_to_match[0].method) > 0 ? "method" : length(part.byte_match_statement[0].field_to_match[0].uri_path) > 0 ? "path" : "something else"}"
        ]]
      )
      } == {
      requests-of-one-address               = "blocks"
      AWSManagedRulesAmazonIpReputationList = jsonencode([])
      AWSManagedRulesKnownBadInputsRuleSet  = jsonencode([["EXACTLY POST of method", "STARTS_WITH /api/v1/audit/log of path"]])
    }
    error_message = "No rule that reads bodies is on the ingest paths; the list of addresses reads none."
  }

  assert {
    condition = alltrue([for rule in aws_wafv2_web_acl.this.rule : (
      rule.statement[0].rate_based_statement[0].limit == 60000 && rule.statement[0].rate_based_statement[0].aggregate_key_type == "IP"
    ) if rule.name == "requests-of-one-address"])
    error_message = "One address has its limit."
  }

  assert {
    condition = (
      !anytrue([for field in aws_cloudwatch_log_delivery.access.record_fields : contains(["cs-uri-query", "cs(Cookie)", "cs(Referer)"], field)])
      && aws_cloudwatch_log_delivery_source.access.resource_arn == aws_cloudfront_distribution.this.arn
      && aws_cloudwatch_log_delivery_source.access.log_type == "ACCESS_LOGS"
      && aws_cloudwatch_log_delivery_destination.access.delivery_destination_configuration[0].destination_resource_arn == aws_cloudwatch_log_group.access.arn
    )
    error_message = "Each request is logged, without its query."
  }

  assert {
    condition = (
      length([for field in aws_wafv2_web_acl_logging_configuration.this.redacted_fields : field if length(field.query_string) > 0]) == 1
      && flatten([for field in aws_wafv2_web_acl_logging_configuration.this.redacted_fields : [for header in field.single_header : header.name]]) == ["authorization"]
      && !aws_wafv2_web_acl.this.visibility_config[0].sampled_requests_enabled
      && startswith(aws_cloudwatch_log_group.firewall.name, "aws-waf-logs-")
    )
    error_message = "What the firewall refused is logged without key and filter."
  }

  assert {
    condition     = aws_cloudwatch_log_group.access.retention_in_days == 90 && aws_cloudwatch_log_group.firewall.retention_in_days == 90
    error_message = "No log is kept for ever."
  }
}

run "certificate_of_another_region_is_refused" {
  command = plan

  module {
    source = "../../modules/edge"
  }

  variables {
    certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/c"
  }

  expect_failures = [var.certificate_arn]
}
