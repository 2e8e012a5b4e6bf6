# What tests/suite/terraform.rs appends to the recipe for Terraform in docs/guide/clients.md.

resource "aws_glacier_vault" "photos" {
  name = "photos"
  tags = { team = "photos" }

  notification {
    sns_topic = "arn:aws:sns:us-east-1:000000000000:done"
    events    = ["ArchiveRetrievalCompleted", "InventoryRetrievalCompleted"]
  }

  access_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "retrieve"
      Effect    = "Allow"
      Principal = "*"
      Action    = ["glacier:InitiateJob", "glacier:GetJobOutput"]
      Resource  = "arn:aws:glacier:us-east-1:000000000000:vaults/photos"
    }]
  })
}

resource "aws_glacier_vault_lock" "photos" {
  vault_name            = aws_glacier_vault.photos.name
  complete_lock         = true
  ignore_deletion_error = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "keep-for-a-year"
      Effect    = "Deny"
      Principal = "*"
      Action    = "glacier:DeleteArchive"
      Resource  = aws_glacier_vault.photos.arn
      Condition = { NumericLessThanEquals = { "glacier:ArchiveAgeInDays" = "365" } }
    }]
  })
}
