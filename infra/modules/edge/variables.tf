variable "name" {
  description = "Prefix of every name in this deployment."
  type        = string
}

variable "domain" {
  description = "Domain under which clients reach the API."
  type        = string
}

variable "certificate_arn" {
  description = "ARN of the domain's certificate in ACM, in us-east-1."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:acm:us-east-1:[0-9]{12}:certificate/", var.certificate_arn))
    error_message = "A certificate in us-east-1: CloudFront takes no other."
  }
}

variable "api_host" {
  description = "Host name of the HTTP API."
  type        = string
}

variable "secret" {
  description = "What each request to the API shows, so that the functions know it came by way of here."
  type        = string
  sensitive   = true
}

variable "requests_per_address" {
  description = "Requests of one IP address in 5 minutes, from which on it is refused."
  type        = number
  default     = 60000

  validation {
    condition     = var.requests_per_address >= 10
    error_message = "The firewall takes 10 and more."
  }
}

variable "price_class" {
  description = "Which of CloudFront's locations are used: PriceClass_100 (Europe and North America), PriceClass_200 or PriceClass_All."
  type        = string
  default     = "PriceClass_100"
}

variable "log_retention_days" {
  description = "Days for which the access log and the firewall's are kept."
  type        = number
  default     = 90
}
