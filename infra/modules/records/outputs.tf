output "bucket" {
  description = "Name of the bucket, known once its lock and policy stand."
  value       = var.bucket

  depends_on = [aws_s3_bucket_policy.this]
}

output "arn" {
  description = "ARN of the bucket."
  value       = local.arn
}

output "policy" {
  description = "The bucket policy, JSON."
  value       = local.policy
}
