variable "endpoint" {
  description = "URL of the emulator."
  type        = string
  default     = "http://127.0.0.1:4566"

  validation {
    condition     = can(regex("^https?://[^/]+$", var.endpoint))
    error_message = "Scheme, host and port, without a path."
  }
}

variable "name" {
  description = "Prefix of every name."
  type        = string
  default     = "audit-local"
}

variable "region" {
  description = "Region that the emulator plays."
  type        = string
  default     = "us-east-1"
}

variable "account_id" {
  description = "Account that the emulator plays."
  type        = string
  default     = "000000000000"
}

variable "domain" {
  description = "Domain of the ledgers' origins."
  type        = string
  default     = "audit.localhost"
}

variable "zip_directory" {
  description = "Directory that holds ingest.zip, writer.zip and query.zip, each with the function's binary as bootstrap."
  type        = string
}

variable "log_filter" {
  description = "What the functions log, as a tracing filter."
  type        = string
  default     = "info"
}
