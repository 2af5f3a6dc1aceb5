variable "name" {
  description = "Prefix of every name in this deployment."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,30}$", var.name))
    error_message = "The name must be 2 to 31 characters of a-z, 0-9 and '-'."
  }
}

variable "lane_count" {
  description = "Number of lanes. A ledger stays on the lane it was made for, so only ever add."
  type        = number
  default     = 1

  validation {
    condition     = var.lane_count >= 1 && var.lane_count <= 64 && floor(var.lane_count) == var.lane_count
    error_message = "Between 1 and 64 lanes."
  }
}

variable "visibility_timeout_s" {
  description = "Seconds for which a received message is hidden from other receivers."
  type        = number
  default     = 30

  validation {
    condition     = var.visibility_timeout_s >= 1 && var.visibility_timeout_s <= 43200
    error_message = "SQS takes up to 43,200 seconds."
  }
}

variable "minimum_visibility_s" {
  description = "The least visibility accepted: the writer's timeout and the batching window together. A shorter one hands a message to a second writer while the first still works on it; safe, but every message would cost twice. 0 turns the check off, for the emulator only, where a test wants to see a message come back soon."
  type        = number

  validation {
    condition     = var.minimum_visibility_s >= 0
    error_message = "Seconds, not below 0."
  }
}
