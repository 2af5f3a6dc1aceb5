output "urls" {
  description = "URL of each lane's queue, in lane order."
  value       = [for n in range(var.lane_count) : aws_sqs_queue.lane["lane-${n}"].url]
}

output "arns" {
  description = "ARN of each lane's queue, in lane order."
  value       = [for n in range(var.lane_count) : aws_sqs_queue.lane["lane-${n}"].arn]
}

output "arn_by_lane" {
  description = "ARN of each lane's queue by the lane's name, which is known before any queue is made."
  value       = { for key, queue in aws_sqs_queue.lane : key => queue.arn }
}

output "dead_letter_urls" {
  description = "URL of each lane's dead-letter queue, in lane order."
  value       = [for n in range(var.lane_count) : aws_sqs_queue.dead_letters["lane-${n}"].url]
}

output "minimum_visibility_s" {
  description = "The least visibility timeout that is accepted."
  value       = var.minimum_visibility_s
}
