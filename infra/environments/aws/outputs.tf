output "environment" {
  description = "What audit-admin reads from its environment, beside credentials of the operator's role."
  value       = merge(module.backbone.environment, { AWS_REGION = var.region })
}

output "url" {
  description = "URL of the service, once the domain's DNS record points to the distribution."
  value       = "https://${var.domain}"
}

output "distribution" {
  description = "CloudFront's name of the distribution and its hosted zone: what the domain's DNS record points to."
  value       = { domain_name = module.edge.domain_name, zone_id = module.edge.zone_id }
}

output "functions" {
  description = "Each function's name, role and log group."
  value       = module.backbone.functions
}

output "operator_role_arn" {
  description = "ARN of the role to assume for audit-admin."
  value       = module.backbone.operator_role_arn
}

output "dead_letter_urls" {
  description = "URL of each lane's dead-letter queue."
  value       = module.backbone.dead_letter_urls
}
