terraform {
  required_version = ">= 1.6"

  # Where the state goes is said at init: beside the rest of the running stack.
  backend "local" {}

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}
