output "id" {
  description = "Id of the API."
  value       = aws_apigatewayv2_api.this.id
}

output "endpoint" {
  description = "URL of the API, without a slash at its end."
  value       = aws_apigatewayv2_api.this.api_endpoint
}
