# The firewall. What it inspects of a request to ingest is where it comes from and nothing
# else: a rule that reads bodies would take a recorded prompt for an attack, and reads only
# the first kilobytes of them. Nor does it read filters of lists for markup or SQL, which
# they may hold and which nothing here would run.

locals {
  # In order of priority; the body's rule groups spare ingest.
  managed_rules = {
    AWSManagedRulesAmazonIpReputationList = { priority = 10, spare_ingest = false }
    AWSManagedRulesKnownBadInputsRuleSet  = { priority = 20, spare_ingest = true }
  }
}

resource "aws_wafv2_web_acl" "this" {
  # checkov:skip=CKV_AWS_192: AWSManagedRulesKnownBadInputsRuleSet is among the managed rules, in a dynamic block that this scanner does not read
  name        = var.name
  description = "In front of ${var.name}"
  scope       = "CLOUDFRONT"

  default_action {
    allow {}
  }

  rule {
    name     = "requests-of-one-address"
    priority = 0

    action {
      block {}
    }

    statement {
      rate_based_statement {
        aggregate_key_type    = "IP"
        evaluation_window_sec = 300
        limit                 = var.requests_per_address
      }
    }

    visibility_config {
      metric_name                = "${var.name}-requests-of-one-address"
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = false
    }
  }

  dynamic "rule" {
    for_each = local.managed_rules

    content {
      name     = rule.key
      priority = rule.value.priority

      override_action {
        none {}
      }

      statement {
        managed_rule_group_statement {
          vendor_name = "AWS"
          name        = rule.key

          dynamic "scope_down_statement" {
            for_each = rule.value.spare_ingest ? [true] : []

            content {
              not_statement {
                statement {
                  and_statement {
                    statement {
                      byte_match_statement {
                        positional_constraint = "EXACTLY"
                        search_string         = "POST"

                        field_to_match {
                          method {}
                        }

                        text_transformation {
                          priority = 0
                          type     = "NONE"
                        }
                      }
                    }

                    statement {
                      byte_match_statement {
                        positional_constraint = "STARTS_WITH"
                        search_string         = "/api/v1/audit/log"

                        field_to_match {
                          uri_path {}
                        }

                        text_transformation {
                          priority = 0
                          type     = "NONE"
                        }
                      }
                    }
                  }
                }
              }
            }
          }
        }
      }

      visibility_config {
        metric_name                = "${var.name}-${rule.key}"
        cloudwatch_metrics_enabled = true
        sampled_requests_enabled   = false
      }
    }
  }

  visibility_config {
    metric_name                = var.name
    cloudwatch_metrics_enabled = true
    # A sample shows whole requests, keys and filters included.
    sampled_requests_enabled = false
  }
}
