variable "name" {
  description = "Prefix of every name in this deployment."
  type        = string
}

variable "functions" {
  description = "Each function's name and log group; one of them is the writer."
  type = map(object({
    name      = string
    log_group = string
  }))

  validation {
    condition     = contains(keys(var.functions), "writer")
    error_message = "The writer is missing."
  }
}

variable "api_id" {
  description = "Id of the HTTP API."
  type        = string
}

variable "lane_names" {
  description = "Name of each lane's queue; its dead-letter queue has -dlq behind it."
  type        = list(string)
}

variable "lane_age_s" {
  description = "Age of a lane's oldest message, in seconds, from which it is an alarm."
  type        = number
  default     = 300

  validation {
    condition     = var.lane_age_s >= 60
    error_message = "At least a minute: the writer's retries alone take that long."
  }
}

variable "topic_arns" {
  description = "SNS topics that hear of it. Empty: the alarms exist and tell nobody."
  type        = list(string)
}
