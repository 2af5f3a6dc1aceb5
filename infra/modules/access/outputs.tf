output "documents" {
  description = "Policy document of each caller, JSON: ingest, writer, query, and operator, who runs audit-admin."
  value       = local.documents
}
