output "domain_name" {
  description = "CloudFront's name of the distribution: what the domain's DNS record points to."
  value       = aws_cloudfront_distribution.this.domain_name
}

output "zone_id" {
  description = "Hosted zone of that name, for an alias record in Route 53."
  value       = aws_cloudfront_distribution.this.hosted_zone_id
}
