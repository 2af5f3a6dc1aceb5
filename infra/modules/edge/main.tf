# What stands in front of the API: a CloudFront distribution with the security headers, a
# firewall and an access log. An HTTP API takes no firewall and its own URL would go around
# this one, so each request carries a secret from here that the functions demand.
#
# All of it is CloudFront's or belongs to CloudFront: call this module with a provider for
# us-east-1.

locals {
  # One file for this distribution and for what plays it locally.
  headers = jsondecode(file("${path.module}/../../../localstack/edge/security-headers.json"))
  api     = merge(local.headers.all, local.headers.api)

  # Those that a CloudFront policy knows by name; it takes the others as they are.
  by_name = ["content-security-policy", "referrer-policy", "strict-transport-security", "x-content-type-options"]

  # Policies that AWS keeps, by their documented ids.
  caching_disabled            = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
  all_viewer_except_host_name = "b689b0a8-53d0-40ab-baf2-68738e2966ac"

  origin = "api"
}

resource "aws_cloudfront_response_headers_policy" "this" {
  # checkov:skip=CKV_AWS_259: two years with subdomains, read from security-headers.json, which this scanner does not
  name    = var.name
  comment = "Security headers of ${var.name}"

  security_headers_config {
    content_security_policy {
      content_security_policy = local.api["content-security-policy"]
      override                = true
    }

    content_type_options {
      override = true
    }

    referrer_policy {
      referrer_policy = local.api["referrer-policy"]
      override        = true
    }

    strict_transport_security {
      access_control_max_age_sec = tonumber(regex("max-age=([0-9]+)", local.api["strict-transport-security"])[0])
      include_subdomains         = strcontains(local.api["strict-transport-security"], "includeSubDomains")
      override                   = true
    }
  }

  custom_headers_config {
    dynamic "items" {
      for_each = { for name, value in local.api : name => value if !contains(local.by_name, name) }

      content {
        header   = items.key
        value    = items.value
        override = true
      }
    }
  }
}

resource "aws_cloudfront_distribution" "this" {
  # checkov:skip=CKV_AWS_86: logged by a log delivery to CloudWatch, in logs.tf
  # checkov:skip=CKV_AWS_305: an API has no page at its root
  # checkov:skip=CKV_AWS_310: there is one API
  # checkov:skip=CKV_AWS_374: where callers are is the operator's business
  # checkov:skip=CKV2_AWS_47: the rule group against Log4j stands in firewall.tf, in a dynamic block that this scanner does not read
  comment         = var.name
  enabled         = true
  is_ipv6_enabled = true
  http_version    = "http2and3"
  price_class     = var.price_class
  aliases         = [var.domain]
  web_acl_id      = aws_wafv2_web_acl.this.arn

  origin {
    origin_id   = local.origin
    domain_name = var.api_host

    custom_header {
      name  = "x-audit-edge"
      value = var.secret
    }

    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
      # Above what a function takes at most, which is its timeout.
      origin_read_timeout = 30
    }
  }

  default_cache_behavior {
    target_origin_id           = local.origin
    viewer_protocol_policy     = "https-only"
    allowed_methods            = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
    cached_methods             = ["GET", "HEAD"]
    cache_policy_id            = local.caching_disabled
    origin_request_policy_id   = local.all_viewer_except_host_name
    response_headers_policy_id = aws_cloudfront_response_headers_policy.this.id
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    acm_certificate_arn      = var.certificate_arn
    ssl_support_method       = "sni-only"
    minimum_protocol_version = "TLSv1.2_2021"
  }
}
