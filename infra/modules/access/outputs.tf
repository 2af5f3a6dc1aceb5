output "ingest" {
  description = "Policy document of the ingest function, JSON."
  value       = local.documents.ingest
}

output "writer" {
  description = "Policy document of the writer function, JSON."
  value       = local.documents.writer
}

output "query" {
  description = "Policy document of the query function, JSON."
  value       = local.documents.query
}

output "operator" {
  description = "Policy document of the operator, who runs audit-admin, JSON."
  value       = local.documents.operator
}
