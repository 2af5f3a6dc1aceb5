output "role_arn" {
  description = "ARN of the role."
  value       = aws_iam_role.this.arn
}

output "trust" {
  description = "The role's trust policy, JSON."
  value       = local.trust
}
