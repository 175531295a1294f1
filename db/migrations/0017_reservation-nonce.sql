ALTER TABLE "publications" ADD COLUMN "cause" text;--> statement-breakpoint
ALTER TABLE "withdrawal_reservations" ADD COLUMN "nonce" numeric(78, 0) NOT NULL;