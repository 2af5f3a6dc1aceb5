variable "name" {
  description = "Name of the API."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,63}$", var.name))
    error_message = "The name must be 2 to 64 characters of a-z, 0-9 and '-'."
  }
}

variable "functions" {
  description = "The functions that routes may name: each one's name and invoke ARN."
  type = map(object({
    name       = string
    invoke_arn = string
  }))
}

variable "routes" {
  description = "Which function answers which route: key as API Gateway writes it (\"GET /path/{id}\" or \"$default\"), value a key of functions."
  type        = map(string)

  validation {
    condition     = alltrue([for key in keys(var.routes) : key == "$default" || can(regex("^(GET|POST|PUT|PATCH|DELETE) /", key))])
    error_message = "A route is \"METHOD /path\" or \"$default\"."
  }
}

variable "throttle" {
  description = "Requests a second, and the burst above it, over all callers together. Null: the account's own limit."
  type = object({
    rate  = number
    burst = number
  })
  default = null

  validation {
    condition     = var.throttle == null || try(var.throttle.rate > 0 && var.throttle.burst > 0, false)
    error_message = "Both must be above 0."
  }
}

variable "access_log_retention_days" {
  description = "Days for which the access log is kept. Null: no access log, on the emulator only, which writes none."
  type        = number
  default     = 90
}
