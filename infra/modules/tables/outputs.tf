output "audit_name" {
  description = "Name of the derived index."
  value       = aws_dynamodb_table.audit.name
}

output "audit_arn" {
  description = "ARN of the derived index."
  value       = aws_dynamodb_table.audit.arn
}

output "audit_stream_arn" {
  description = "ARN of the derived index's stream."
  value       = aws_dynamodb_table.audit.stream_arn
}

output "audit_index_names" {
  description = "Names of the derived index's secondary indexes."
  value       = keys(local.indexes)
}

output "keys_name" {
  description = "Name of the table of scope keys, tenants, ledgers and API keys."
  value       = aws_dynamodb_table.keys.name
}

output "keys_arn" {
  description = "ARN of the table of scope keys, tenants, ledgers and API keys."
  value       = aws_dynamodb_table.keys.arn
}
