variable "name" {
  description = "Name of the schedule."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,63}$", var.name))
    error_message = "The name must be 2 to 64 characters of a-z, 0-9 and '-'."
  }
}

variable "function_name" {
  description = "Name of the writer function."
  type        = string
}

variable "function_arn" {
  description = "ARN of the writer function."
  type        = string
}
