variable "name" {
  description = "Prefix of every name in this deployment."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,30}$", var.name))
    error_message = "The name must be 2 to 31 characters of a-z, 0-9 and '-'."
  }
}

variable "deletion_protection" {
  description = "Whether the tables refuse to be deleted. False only for environments that are thrown away."
  type        = bool
  default     = true
}
